"""The endpoint measured over HTTP, beside moto's server, and killed.

python -m benchmarks.endpoint           # the table of docs/performance.md, beside moto in the same run
python -m benchmarks.endpoint.crash     # 200 agent runs whose server is killed

wire        the one client of all: a socket that is kept, signed requests
servers     `stepsmith up` and moto's server as processes, and what they cost
figures     what is measured
large       a server with a function in process, for the loop with large messages
project     a repository with one agent whose tool has effects
crash       kills over the events of that agent's runs
"""
