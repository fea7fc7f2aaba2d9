"""The program inside the sandbox: one process for one cell.

It reads a frame with the code, the state of the cells before and the files; runs the code; answers a frame with the
last value, the charts, the files and the state that can be kept. The code of the cell runs in this very process and
can change everything in it, so nothing that comes out of here is trusted (`code_interpreter.outcome` reads it).
Nothing of ours but this folder is visible here: these modules import the standard library, cloudpickle, and what the
code itself asked for.
"""
