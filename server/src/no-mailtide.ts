/** Of what answers where a Mailtide server should, and not as one does. */
export const noMailtide = (where: string): string =>
  `what answers at ${where} is no Mailtide server, or one that is too old`;
