/** Asked for as a role, it stands for no role at all: a bundle of what is stored alone. */
export const noRole = 'none';
