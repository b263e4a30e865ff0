/** The same against a real server, where one is named: `.ci/versitygw.sh` starts one and sets the environment. */
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { describeSameBytes } from './s3-bytes.js';

const endpoint = process.env.TIDEMARK_S3_ENDPOINT;

if (endpoint === undefined) {
  it('an index over a real S3 server', { skip: 'TIDEMARK_S3_ENDPOINT is not set' }, () => undefined);
} else {
  describeSameBytes('a real S3 server', async () => {
    const bucket = `tidemark-${randomUUID()}`;
    const admin = new S3Client({ endpoint, forcePathStyle: true });
    await admin.send(new CreateBucketCommand({ Bucket: bucket }));
    admin.destroy();
    return { config: { uri: `s3://${bucket}/some/prefix`, endpoint }, close: async () => undefined };
  });
}
