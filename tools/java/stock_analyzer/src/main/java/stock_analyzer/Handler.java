package stock_analyzer;

import java.util.Map;
import stepsmith.ToolHandler;

/** The tool Lambda stock_analyzer: statistics of daily prices. */
public final class Handler extends ToolHandler {
    public Handler() {
        super(Map.of("calculate_moving_average", MovingAverage::answer, "calculate_volatility", Volatility::answer));
    }
}
