/** `/var/log/pods/NAMESPACE_POD_UID/CONTAINER/RESTARTS.log`, also rotated; none of the first three has an underscore. */
const podLog = /(?:^|[/\\])([^/\\_]+)_([^/\\_]+)_([^/\\_]+)[/\\]([^/\\]+)[/\\](\d+)\.log(?:\.[^/\\]*)?$/;

/** What the path of a container's log says of it, in OpenTelemetry's names; empty for another path. */
export function podAttributes(path: string): Record<string, string> {
  const found = podLog.exec(path);
  if (!found) return {};
  const [, namespace = '', pod = '', uid = '', container = '', restarts = ''] = found;
  return {
    'k8s.namespace.name': namespace,
    'k8s.pod.name': pod,
    'k8s.pod.uid': uid,
    'k8s.container.name': container,
    'k8s.container.restart_count': restarts,
  };
}
