/**
 * What a tool Lambda in Java imports: one table of names, pure functions, and everything else taken care of.
 *
 * <pre>
 * public final class Handler extends ToolHandler {
 *     public Handler() {
 *         super(Map.of("greet", (input, call) -> new Answer.Text("Hello, " + input.get("name").textValue())));
 *     }
 * }
 * </pre>
 *
 * ToolHandler reads the tool.json beside the classes, parses each call, validates its input against the tool's schema,
 * runs the function and answers within the call's budget: what is longer goes to the artifact store, with a preview. A
 * {@link stepsmith.ToolError} is for the model; any other exception is a bug: Lambda reports it, and the state machine
 * tells the model that the tool failed, and nothing of why.
 *
 * <pre>
 * Event       the event as the contract has it (docs/reference/contracts.md); ContractError where it is none
 * Call        what a function knows of its call, and the files it may read
 * Schema      a tool's schema, and what to tell a model whose input does not fit
 * Answer      what a function may answer
 * Packing     an answer as a tool_result within its budget; Page a table's text
 * Objects     the artifact store; Secrets by their names in tool.json; Signed, the HTTP requests of both
 * ToolHandler the Lambda handler
 * </pre>
 */
package stepsmith;
