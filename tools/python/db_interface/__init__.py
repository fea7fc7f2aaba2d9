"""The tools get_db_schema and execute_sql_query: a SQL database, read-only, one statement at a time.

handler      the Lambda's entry
database     the two tools: from a call to an answer
engines      opens the database so that it cannot be written, and bounds a statement's time
statements   runs one statement within bounds of rows and bytes
catalog      tables, columns and keys as values
description  the catalog as text that a model reads well
advice       what to tell a model whose statement failed
exports      a result as CSV and as Parquet
lahman       makes the embedded database
"""
