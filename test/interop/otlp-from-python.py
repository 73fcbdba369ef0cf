"""Sends logs, metrics and spans with OpenTelemetry's own Python exporters: PROTOCOL (http or grpc) ENDPOINT CA TOKEN."""

import logging
import sys

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

protocol, endpoint, ca, token = sys.argv[1:]
if protocol == "http":
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    def options(signal):
        return {
            "endpoint": f"{endpoint}/v1/{signal}",
            "certificate_file": ca,
            "headers": {"authorization": f"Bearer {token}"},
        }

else:
    import grpc
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    def options(signal):
        with open(ca, "rb") as file:
            credentials = grpc.ssl_channel_credentials(root_certificates=file.read())
        return {
            "endpoint": endpoint,
            "credentials": credentials,
            "headers": (("authorization", f"Bearer {token}"),),
        }


resource = Resource({"service.name": "python", "service.instance.id": "7"})

logs = LoggerProvider(resource=resource)
logs.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(**options("logs"))))
logger = logging.getLogger("interop.python")
logger.addHandler(LoggingHandler(logger_provider=logs))
logger.setLevel(logging.INFO)
logger.warning("grüße %s", "€", extra={"volume": "csv1", "attempt": 3})
logs.shutdown()

reader = PeriodicExportingMetricReader(OTLPMetricExporter(**options("metrics")))
metrics = MeterProvider(resource=resource, metric_readers=[reader])
meter = metrics.get_meter("interop.python")
meter.create_counter("python.calls", unit="{call}").add(5, {"route": "/b"})
meter.create_histogram("python.duration", unit="s").record(0.25)
metrics.shutdown()

traces = TracerProvider(resource=resource)
traces.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(**options("traces"))))
with traces.get_tracer("interop.python").start_as_current_span("work", kind=trace.SpanKind.CLIENT) as span:
    span.set_attribute("retries", 2)
    span.add_event("started", {"step": "one"})
traces.shutdown()
