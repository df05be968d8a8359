/**
 * The text of an answer, and no more than about `mostBytes` of it: what follows is dropped where it stands, however long the other
 * side goes on. `cut` says that something was.
 */
export async function answerText(response: Response, mostBytes: number): Promise<{ text: string; cut: boolean }> {
  const reader = response.body?.getReader();
  if (reader === undefined) return { text: '', cut: false };
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.byteLength;
    text += decoder.decode(next.value, { stream: true });
    if (size < mostBytes) continue;
    await reader.cancel();
    return { text, cut: true };
  }
  return { text: text + decoder.decode(), cut: false };
}
