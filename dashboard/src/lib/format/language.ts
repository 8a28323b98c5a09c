/** Languages of the dashboard; messages exist for each. */
export type Language = "da" | "en";
