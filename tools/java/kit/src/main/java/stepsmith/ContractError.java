package stepsmith;

/** An event that is no tool call: the caller's defect, told to Lambda. */
public final class ContractError extends RuntimeException {
    private static final long serialVersionUID = 1;

    ContractError(String field, String problem) {
        super(field.isEmpty() ? problem : field + ": " + problem);
    }
}
