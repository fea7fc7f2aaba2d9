"""The endpoint: one loopback URL for every service of AWS that is answered on this machine.

connections   as many as this process can hold, the next are told that it is busy
front         loopback names only, no web pages
signature     SigV4: whose key a request names, and whether the signature fits
server        the checks in their order, and the service that the signature was made for
refusals      why a request is not answered; `nobody` says it in JSON
states        the service of Step Functions; those of Lambda and S3 are in local/aws_lambda and local/s3
credentials, announcement   the folder's key, and where the endpoint is, for other processes
"""
