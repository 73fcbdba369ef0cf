import { type Meter, ValueType } from '@opentelemetry/api';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_URL_SCHEME,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from '@opentelemetry/semantic-conventions';

export interface FinishedRequest {
  method: string;
  /** The route's pattern, never the address itself: that would be a time series for each. */
  route: string | undefined;
  status: number;
  seconds: number;
}

/** `http.server.request.duration` of the HTTP conventions; for `/v1/*` it is the time to a durable answer. */
export function recordRequestDurations(meter: Meter): (request: FinishedRequest) => void {
  const durations = meter.createHistogram(METRIC_HTTP_SERVER_REQUEST_DURATION, {
    unit: 's',
    description: 'Duration of HTTP server requests.',
    valueType: ValueType.DOUBLE,
    advice: { explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  });
  return ({ method, route, status, seconds }) =>
    durations.record(seconds, {
      [ATTR_HTTP_REQUEST_METHOD]: method,
      ...(route !== undefined && { [ATTR_HTTP_ROUTE]: route }),
      [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
      [ATTR_URL_SCHEME]: 'https',
    });
}
