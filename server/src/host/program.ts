/** Ordinary users often have no sbin in their path; what a program says is to be in English. */
export const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  LC_ALL: "C",
  PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin`,
});

/** Of what the system does not find; `mailtide doctor` knows a cure by these words. */
export const noProgram = (program: string): string => `there is no program ${program}`;
