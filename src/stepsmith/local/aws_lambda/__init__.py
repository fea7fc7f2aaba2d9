"""Lambda's API (REST-JSON, 2015-03-31) over the functions of a runtime.

    endpoint.mount(Lambda(Api(runtime.functions, runtime.events, runtime.objects, runtime.now_ms)))

service      the service of the endpoint: who may do what, and how errors look
routes       which action a method and a path mean, read from botocore's service model
request      what a request says, checked
actions      the table of actions; one module a noun: functions, code, versions, aliases, permissions, tags,
             event_invoke, layers, concurrency, invoke
described    how a function, a version and an alias look in answers
"""

from .api import Api
from .service import Lambda

__all__ = ["Api", "Lambda"]
