const dayMs = 86_400_000;

const ofDate =
  (read: (date: Date) => number) =>
  (seconds: number): number =>
    read(new Date(Math.trunc(seconds) * 1000));

/** Parts of the date (UTC) that a value in Unix seconds stands for; NaN for what is no date. */
export const dateFunctions: Record<string, (seconds: number) => number> = {
  minute: ofDate((date) => date.getUTCMinutes()),
  hour: ofDate((date) => date.getUTCHours()),
  day_of_week: ofDate((date) => date.getUTCDay()),
  day_of_month: ofDate((date) => date.getUTCDate()),
  day_of_year: ofDate((date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / dayMs) + 1),
  days_in_month: ofDate((date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()),
  month: ofDate((date) => date.getUTCMonth() + 1),
  year: ofDate((date) => date.getUTCFullYear()),
};
