/** What a sender may be called: it stands in a column of every record that it sends, behind `otlp:`. */
export const senderNamePattern = /^[A-Za-z0-9][\w.-]{0,62}$/;

/** Begins the name under which a sender's records are stored. No node's name has a colon: no sender can write as a node. */
export const senderPrefix = 'otlp:';
export const isSender = (node: string): boolean => node.startsWith(senderPrefix);
