"""Questions to a SQL database: the embedded Lahman baseball data, or whatever `DATABASE_URL` names."""

from stepsmith.tool import serve

from .database import query, schema

handler = serve({"get_db_schema": schema, "execute_sql_query": query})
