/** What a sender may be called: it stands in a column of every record that it sends, behind `otlp:`. */
export const senderNamePattern = /^[A-Za-z0-9][\w.-]{0,62}$/;
