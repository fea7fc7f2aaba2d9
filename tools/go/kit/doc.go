// Package stepsmith is what a tool Lambda in Go imports: one table of names, pure functions, and everything else taken
// care of.
//
//	type Greeting struct {
//		Name string `json:"name"`
//	}
//
//	func greet(ctx context.Context, input Greeting, call *stepsmith.Call) (stepsmith.Answer, error) {
//		return stepsmith.Text("Hello, " + input.Name), nil
//	}
//
//	func main() {
//		stepsmith.Serve(stepsmith.Tools{"greet": stepsmith.Tool(greet)})
//	}
//
// Serve reads the tool.json that lies beside the program, parses each call, validates its input against the tool's
// schema, runs the function and answers within the call's budget: what is longer goes to the artifact store, with a
// preview. A ToolError is for the model; any other error, and a panic, is a bug: Lambda reports it, and the state machine
// tells the model that the tool failed, and nothing of why.
//
//	contract.go   the event as the contract has it (docs/reference/contracts.md)
//	call.go       what a function knows of its call, and the files it may read
//	input.go      a tool's schema, and what to tell a model whose input does not fit
//	answer.go     what a function may answer
//	result.go     an answer as a tool_result within its budget
//	objects.go    the artifact store
//	secrets.go    secrets by their name in tool.json
//	serve.go      the Lambda handler
package stepsmith
