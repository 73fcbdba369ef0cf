/** Folder below `data/` in which a merged bundle keeps the descriptions of its parts. */
export const partsFolder = 'parts';
