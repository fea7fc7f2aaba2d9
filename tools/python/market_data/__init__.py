"""The tools on stock markets: prices, industries, companies, and prices of many tickers as one file.

handler    the Lambda's entry
market     the six tools: from a call to an answer
yahoo      the one adapter to Yahoo Finance: its endpoints, their faults, retries
prices     what Yahoo answers, as values
table      prices of several tickers side by side, as CSV
"""
