import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { SextantError } from '../../errors/sextant-error.ts';
import { lengthPrefix } from '../../protocol/batch.ts';

const retryDelaySeconds = 1;

type GrpcAnswer = Pick<StatusObject, 'code' | 'details'> & { metadata?: Metadata };

/**
 * What gRPC is told of an error. OTLP clients come again after UNAVAILABLE, and after RESOURCE_EXHAUSTED only when it
 * carries a RetryInfo: a request that is too large never fits.
 */
export function grpcStatus(error: unknown): GrpcAnswer {
  if (!(error instanceof SextantError)) {
    return { code: status.INTERNAL, details: 'something went wrong in the collector' };
  }
  const code = codeOf(error.status);
  const details = error.line();
  if (error.status !== 429 && error.status !== 503) return { code, details };
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', statusWithRetryInfo(code, details));
  return { code, details, metadata };
}

function codeOf(httpStatus: number): status {
  switch (httpStatus) {
    case 400:
    case 415:
      return status.INVALID_ARGUMENT;
    case 401:
    case 403:
      return status.UNAUTHENTICATED;
    case 413:
    case 429:
      return status.RESOURCE_EXHAUSTED;
    case 503:
      return status.UNAVAILABLE;
    default:
      return status.INTERNAL;
  }
}

const field = (number: number, content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([lengthPrefix(number * 8 + 2), lengthPrefix(bytes.length), bytes]);
};
const varint = (number: number, value: number): Buffer =>
  Buffer.concat([lengthPrefix(number * 8), lengthPrefix(value)]);

/** A `google.rpc.Status` whose details are one `google.rpc.RetryInfo`. */
function statusWithRetryInfo(code: number, message: string): Buffer {
  const retryInfo = field(1, varint(1, retryDelaySeconds));
  const any = Buffer.concat([field(1, 'type.googleapis.com/google.rpc.RetryInfo'), field(2, retryInfo)]);
  return Buffer.concat([varint(1, code), field(2, message), field(3, any)]);
}
