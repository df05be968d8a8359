/** Several ids in the one text of a field; ids hold no spaces. */
export const toIds = (text: string): string[] => text.split(' ').filter((id) => id !== '');
export const fromIds = (ids: readonly string[]): string => ids.join(' ');
