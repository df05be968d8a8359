/** What a test of a connection found in the folder, in words. */
export function countText({ total, unread }: { total: number; unread: number }): string {
  if (total === 0) return 'The folder is empty.';
  return `${total} ${total === 1 ? 'message' : 'messages'}, ${unread} unread.`;
}
