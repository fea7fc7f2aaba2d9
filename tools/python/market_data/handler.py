"""Questions to Yahoo Finance: prices of tickers, industries of sectors, the largest companies of both."""

from stepsmith.tool import serve

from .market import download, history, industries, industry_companies, prices, sector_companies

handler = serve(
    {
        "get_ticker_data": prices,
        "get_ticker_recent_history": history,
        "list_industries": industries,
        "top_sector_companies": sector_companies,
        "top_industry_companies": industry_companies,
        "download_tickers_data": download,
    }
)
