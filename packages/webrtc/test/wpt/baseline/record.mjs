export async function recordBaseline() {}
