package stepsmith;

/** For the model: a bad input, a vendor's 404. Its message says what to change. */
public final class ToolError extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ToolError(String advice) {
        super(advice);
    }
}
