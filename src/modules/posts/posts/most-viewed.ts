/** Which posts are viewed most, as far as anybody counts. */
export abstract class MostViewed {
  /** Ids of the most viewed posts by tenant, `limit` in all. */
  abstract top(limit: number): Promise<Map<string, string[]>>;
}
