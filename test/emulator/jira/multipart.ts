import type { ProductRequest } from '../forge/forge';
import { JiraRefusal } from './exchange';

export interface UploadedFile {
  filename: string;
  mimeType: string;
  bytes: Uint8Array;
}

/**
 * The parts named `file` of a multipart/form-data body (RFC 7578), in their order.
 * @throws JiraRefusal 415 for another content type, 400 for a body that is none
 */
export async function uploadedFiles(request: ProductRequest): Promise<UploadedFile[]> {
  const type = request.headers['content-type'] ?? '';
  if (!type.toLowerCase().startsWith('multipart/form-data')) throw new JiraRefusal(415, ['Unsupported Media Type']);
  let form: FormData;
  try {
    form = await new Response(Buffer.from(request.body), { headers: { 'content-type': type } }).formData();
  } catch {
    throw new JiraRefusal(400, ['The multipart request could not be read.']);
  }
  const files = form.getAll('file').filter((part) => typeof part !== 'string');
  return Promise.all(
    files.map(async (file) => ({
      filename: file.name,
      mimeType: file.type === '' ? 'application/octet-stream' : file.type,
      bytes: new Uint8Array(await file.arrayBuffer()),
    })),
  );
}
