package stepsmith

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// margin is kept back from a function's time for storing and answering; at most a fifth of it.
const margin = 2 * time.Second

// Function is a tool ready to be served; Tool makes one.
type Function func(ctx context.Context, input map[string]any, call *Call) (Answer, error)

// Tools is the table of a Lambda's tools, by their names in tool.json.
type Tools map[string]Function

// Tool serves a function whose input is a type of its own, decoded as encoding/json does it. The context ends with the
// call's deadline.
func Tool[In any](function func(ctx context.Context, input In, call *Call) (Answer, error)) Function {
	return func(ctx context.Context, input map[string]any, call *Call) (Answer, error) {
		value, err := decoded[In](input)
		if err != nil {
			return nil, fmt.Errorf("the schema of %s lets pass what its type refuses: %w", call.Name, err)
		}
		return function(ctx, value, call)
	}
}

// Serve answers Lambda's calls for as long as the process lives. It ends the process where tool.json and the table do not
// fit each other.
func Serve(tools Tools) {
	source, err := os.ReadFile(filepath.Join(first(os.Getenv("LAMBDA_TASK_ROOT"), "."), "tool.json"))
	if err == nil {
		var server *Server
		if server, err = NewServer(source, tools, newS3Objects()); err == nil {
			lambda.Start(server)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// Server is the handler of one function's tools. It is safe for use by several goroutines.
type Server struct {
	tools   Tools
	schemas map[string]*schema
	objects Objects
	log     *slog.Logger
}

// NewServer makes a handler from the text of a tool.json, over an artifact store of the caller's.
func NewServer(description []byte, tools Tools, objects Objects) (*Server, error) {
	var described struct {
		Function string
		Tools    []struct {
			Name        string
			InputSchema json.RawMessage `json:"input_schema"`
		}
	}
	if err := json.Unmarshal(description, &described); err != nil {
		return nil, fmt.Errorf("tool.json is no JSON: %w", err)
	}
	server := &Server{tools, map[string]*schema{}, objects, logger(described.Function)}
	for _, tool := range described.Tools {
		made, err := newSchema(tool.Name, tool.InputSchema)
		if err != nil {
			return nil, err
		}
		server.schemas[tool.Name] = made
	}
	if known, served := names(server.schemas), names(tools); !slices.Equal(known, served) {
		return nil, fmt.Errorf("tool.json describes the tools %v, but Serve was given %v: make them the same", known, served)
	}
	return server, nil
}

// Invoke is lambda.Handler: the event's bytes in, the result's bytes out.
func (s *Server) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	began := time.Now()
	asked, err := parsed(payload)
	if err != nil {
		return nil, err
	}
	function, known := s.tools[asked.name]
	if !known {
		problem := fmt.Sprintf("one of %s is needed, not %q", strings.Join(names(s.tools), ", "), asked.name)
		return nil, &ContractError{"name", problem}
	}
	call := asked.opened(deadline(ctx), s.objects)
	inner, cancel := context.WithDeadline(ctx, call.Deadline)
	defer cancel()
	answer, failure := s.answered(inner, function, asked.input, call)
	var told ToolError
	if failure != nil && !errors.As(failure, &told) {
		s.log.Error("tool raised", append(call.who(), "error", fmt.Sprintf("%T", failure))...)
		return nil, failure
	}
	if failure != nil {
		answer = Text(told)
	}
	made, err := pack(ctx, call, answer, failure != nil)
	if err != nil {
		return nil, err
	}
	text := compact(made)
	outcome := []any{"is_error", made.IsError, "bytes", len(text), "ms", time.Since(began).Milliseconds()}
	s.log.Info("tool call", append(call.who(), outcome...)...)
	return []byte(text), nil
}

func (s *Server) answered(ctx context.Context, function Function, input map[string]any, call *Call) (Answer, error) {
	if err := s.schemas[call.Name].check(input); err != nil {
		return nil, err
	}
	answer, err := function(ctx, input, call)
	if err == nil && answer == nil {
		err = fmt.Errorf("%s gave neither an answer nor an error", call.Name)
	}
	return answer, err
}

func (e *event) opened(functionEnd time.Time, objects Objects) *Call {
	ends := e.deadline
	if functionEnd.Before(ends) {
		ends = functionEnd
	}
	return &Call{
		Name: e.name, ID: e.id, EffectID: e.effectID, RunID: e.runID, Agent: e.agent, Turn: e.turn,
		Deadline: ends, MaxResultBytes: e.maxResultBytes, artifacts: e.artifacts, objects: objects,
	}
}

// deadline is when the tool must have ended, so that its answer can still be stored and sent.
func deadline(ctx context.Context) time.Time {
	end, known := ctx.Deadline()
	if !known {
		return time.Now().Add(24 * time.Hour)
	}
	return end.Add(-min(margin, time.Until(end)/5))
}

// who says whose call a line of the log is about; never what was said.
func (c *Call) who() []any {
	return []any{"tool", c.Name, "agent", c.Agent, "run_id", c.RunID, "turn", c.Turn, "effect_id", c.EffectID}
}

func logger(function string) *slog.Logger {
	return slog.New(slog.NewJSONHandler(os.Stdout, nil)).With("service", function)
}

func names[V any](table map[string]V) []string { return slices.Sorted(maps.Keys(table)) }
