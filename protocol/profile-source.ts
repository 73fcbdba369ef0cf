/** Name under which a node tells a fault of its own profile among its sources, while it has one. */
export const profileSource = 'profile';
