/** The contract against a real server, where one is named: `.ci/versitygw.sh` starts one and sets the environment. */
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { systemClock } from '#src/base/time.js';
import { openS3Store } from '#src/store/s3.js';
import { describeStoreContract } from './contract.js';

/** The least that S3 takes for any part but the last. */
const PART_BYTES = 5 << 20;

const endpoint = process.env.TIDEMARK_S3_ENDPOINT;

if (endpoint === undefined) {
  it('store contract: a real S3 server', { skip: 'TIDEMARK_S3_ENDPOINT is not set' }, () => undefined);
} else {
  describeStoreContract(
    'a real S3 server',
    async () => {
      const bucket = `tidemark-${randomUUID()}`;
      const admin = new S3Client({ endpoint, forcePathStyle: true });
      await admin.send(new CreateBucketCommand({ Bucket: bucket }));
      admin.destroy();
      const config = { uri: `s3://${bucket}/some/prefix`, endpoint };
      const store = await openS3Store(config, systemClock, { partBytes: PART_BYTES });
      return { store, close: async () => store.close() };
    },
    { raceRounds: 10, listingRuns: 200, largeBytes: 2 * PART_BYTES + 12_345 },
  );
}
