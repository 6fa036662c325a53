export function failedIn(reportFile: string): { path: string; tests: string[] }[];
