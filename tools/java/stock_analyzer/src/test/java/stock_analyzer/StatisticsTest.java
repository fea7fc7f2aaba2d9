package stock_analyzer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import stepsmith.ToolError;

class StatisticsTest {
    private static final List<String> CELLS = List.of("", "0", "-1", "1", "1e300", "NaN", "5e-324");

    private static double[] prices(String row) {
        return Prices.parse("T," + row).byTicker().get("T");
    }

    // The expected figures are pandas': numpy.log(p / p.shift()).std() * 252 ** 0.5 and p.rolling(3).mean().
    @Test
    void volatilityIsThatOfPandas() {
        assertEquals(0.4248874656319516, Volatility.of(prices("100,102,101,105,103")), 1e-12);
    }

    @Test
    void averagesAreThoseOfPandas() {
        List<Double> averages = MovingAverage.of(prices("100,102,101,105,103"), 3);
        double[] values = averages.stream().mapToDouble(Double::doubleValue).toArray();
        assertArrayEquals(new double[] {101.0, 102.66666666666667, 103.0}, values, 1e-12);
    }

    @Test
    void constantPricesHaveNoVolatility() {
        assertEquals(0.0, Volatility.of(prices("7,7,7,7")), 0);
    }

    @Test
    void noReturnIsTakenAcrossAGap() {
        assertEquals(1, Volatility.returns(prices("100,,101,102")).length);
    }

    @Test
    void whatWasNeverPaidIsAGap() {
        assertArrayEquals(prices("100,,,,,101"), prices("100,0,-5,NaN,Infinity,101"));
    }

    @Test
    void anAverageOverAGapIsMissing() {
        assertEquals(Arrays.asList(null, 1.0, 2.0), MovingAverage.of(prices(",1,1,3"), 2));
    }

    @Test
    void hugeAndTinyPricesStayNumbers() {
        double[] prices = prices("1e308,1.7e308,1e-308,4.9e-324,1e308");
        assertTrue(Double.isFinite(Volatility.of(prices)));
        MovingAverage.of(prices, 2).forEach(average -> assertTrue(Double.isFinite(average)));
    }

    @Test
    void nothingIsEverNaN() {
        Random random = new Random(7);
        for (int time = 0; time < 1000; time++) {
            StringBuilder row = new StringBuilder();
            for (int day = random.nextInt(8); day >= 0; day--) {
                row.append(CELLS.get(random.nextInt(CELLS.size()))).append(day > 0 ? "," : "");
            }
            double[] prices = prices(row.toString());
            if (Volatility.returns(prices).length >= 2) {
                assertTrue(Double.isFinite(Volatility.of(prices)), row::toString);
            }
            for (Double average : MovingAverage.of(prices, 1 + random.nextInt(4))) {
                assertTrue(average == null || Double.isFinite(average), row::toString);
            }
        }
    }

    @Test
    void aHeaderIsPassedOver() {
        assertEquals(List.of("A"), List.copyOf(Prices.parse("ticker,day1,day2\nA,1,2\n").byTicker().keySet()));
    }

    @Test
    void aFileWithoutPricesIsRefused() {
        for (String csv : List.of("", "\n\n", "A,1\nA,2", ",1,2", "A,x,1")) {
            assertThrows(ToolError.class, () -> Prices.parse(csv), csv);
        }
    }
}
