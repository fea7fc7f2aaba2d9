package stock_analyzer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import stepsmith.Answer;
import stepsmith.Call;

/** Annualised volatility: the sample standard deviation of daily log returns, times the square root of 252. */
final class Volatility {
    private static final double TRADING_DAYS = 252;

    private Volatility() {}

    static Answer answer(JsonNode input, Call call) throws IOException {
        Map<String, Object> tickers = new LinkedHashMap<>();
        Prices.read(input, call).byTicker().forEach((ticker, prices) -> tickers.put(ticker, told(prices)));
        return new Answer.Json(Map.of("tickers", tickers));
    }

    private static Map<String, Object> told(double[] prices) {
        int returns = returns(prices).length;
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("volatility", returns < 2 ? null : of(prices));
        told.put("returns", returns);
        if (returns < 2) {
            told.put("reason", "fewer than two daily returns: ask for more days");
        }
        return told;
    }

    /** The volatility of prices with at least two returns. */
    static double of(double[] prices) {
        double[] returns = returns(prices);
        double mean = 0;
        double squares = 0;
        for (int count = 1; count <= returns.length; count++) { // Welford: no loss where the mean is far from zero.
            double difference = returns[count - 1] - mean;
            mean += difference / count;
            squares += difference * (returns[count - 1] - mean);
        }
        return Math.sqrt(squares / (returns.length - 1)) * Math.sqrt(TRADING_DAYS);
    }

    /** The log returns from each day to the next one, where both have a price. */
    static double[] returns(double[] prices) {
        double[] returns = new double[Math.max(0, prices.length - 1)];
        int count = 0;
        for (int day = 1; day < prices.length; day++) {
            double logReturn = Math.log(prices[day]) - Math.log(prices[day - 1]);
            if (!Double.isNaN(logReturn)) {
                returns[count++] = logReturn;
            }
        }
        return Arrays.copyOf(returns, count);
    }
}
