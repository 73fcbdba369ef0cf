/** What `/prometheus/api/v1` answers when it does not answer the question. */
export interface PrometheusError {
  status: 'error';
  errorType: string;
  error: string;
}
