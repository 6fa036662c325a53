import { SeenTexts } from "../../../quick/texts.ts";

/**
 * Queue ids stand in every line of a message, and who follows messages looks each up: seconds of a busy host, because a
 * message's lines stand together but for those of later tries.
 */
export const queueIds = new SeenTexts(2_048);

/** Of few kinds: next hops, codes, words of the protocol. */
export const words = new SeenTexts(512);
