const MS_PER_SECOND = 1_000;
const MS_PER_DAY = 86_400_000;
const DAYS_FROM_0000_03_01_TO_1970 = 719_468;
const DAYS_PER_ERA = 146_097;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const OPENSSL_TIME = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (\d{4})/;

/**
 * `epochMs` as `YYYYMMDDHHMMSSZ` in UTC, fractions of a second cut off. By arithmetic on the
 * Gregorian calendar, since the core may not look at a clock and `Date` is one.
 */
export function formatUtc(epochMs: number): string {
  const days = Math.floor(epochMs / MS_PER_DAY);
  const seconds = Math.floor((epochMs - days * MS_PER_DAY) / MS_PER_SECOND);
  const { year, month, day } = civilFromDays(days);
  const parts = [
    month,
    day,
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  return `${String(year).padStart(4, "0")}${parts.map((part) => String(part).padStart(2, "0")).join("")}Z`;
}

/** Milliseconds since 1970 of OpenSSL's `Nov  3 07:46:19 2026 GMT`; `undefined` if it is not one. */
export function parseOpensslTime(text: string): number | undefined {
  const match = OPENSSL_TIME.exec(text);
  const monthIndex = MONTHS.indexOf(match?.[1] ?? "");
  if (!match || monthIndex < 0) return undefined;
  const days = daysFromCivil(Number(match[6]), monthIndex + 1, Number(match[2]));
  const seconds = Number(match[3]) * 3600 + Number(match[4]) * 60 + Number(match[5]);
  return days * MS_PER_DAY + seconds * MS_PER_SECOND;
}

/** Years are counted from March, so that the leap day is the last of its year. */
function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + DAYS_FROM_0000_03_01_TO_1970;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function daysFromCivil(year: number, month: number, day: number): number {
  const yearFromMarch = month <= 2 ? year - 1 : year;
  const era = Math.floor(yearFromMarch / 400);
  const yearOfEra = yearFromMarch - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_FROM_0000_03_01_TO_1970;
}
