/** What a test of a connection found in the folder, in words. `unread` is null where nobody knows. */
export function countText({ total, unread }: { total: number; unread: number | null }): string {
  if (total === 0) return 'The folder is empty.';
  if (unread === null)
    return `${total} ${total === 1 ? 'message' : 'messages'}; the server does not tell how many are unread.`;
  return `${total} ${total === 1 ? 'message' : 'messages'}, ${unread} unread.`;
}
