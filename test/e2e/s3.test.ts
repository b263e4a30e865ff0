import { randomUUID } from 'node:crypto';
import { startS3Server } from '../support/s3-handler.js';
import { describeSameBytes } from './s3-bytes.js';

describeSameBytes('the in-process S3 server', async () => {
  const server = await startS3Server();
  process.env.AWS_ACCESS_KEY_ID = server.credentials.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = server.credentials.secretAccessKey;
  process.env.AWS_EC2_METADATA_DISABLED = 'true';
  const config = { uri: `s3://${server.bucket}/${randomUUID()}`, endpoint: server.endpoint };
  return { config, close: () => server.close() };
});
