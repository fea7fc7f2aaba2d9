// Package research asks Perplexity about companies: several topics at once, and what was found even where a part of it
// could not be.
package research

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	stepsmith "stepsmith/tools/kit"
)

// atOnce bounds the requests under way: the smallest accounts may make 50 a minute.
const atOnce = 4

// Topics are what is asked for where the model names none.
var Topics = []string{
	"business and products", "recent news", "financial performance", "competition", "risks",
}

// Input is research_company's input as tool.json describes it.
type Input struct {
	Company string
	Topics  []string
}

// Finding is what is known of one topic.
type Finding struct {
	Topic   string   `json:"topic"`
	Text    string   `json:"text"`
	Sources []Source `json:"sources"`
}

// Failure is a topic that could not be researched, and why.
type Failure struct {
	Topic  string `json:"topic"`
	Reason string `json:"reason"`
}

// Report is the tool's answer; findings and failures in the order of the topics.
type Report struct {
	Company  string    `json:"company"`
	Findings []Finding `json:"findings"`
	Failed   []Failure `json:"failed,omitempty"`
}

// Researcher asks one service with one model.
type Researcher struct{ perplexity perplexity }

// Over makes a Researcher over the service at a base URL; empty settings are the vendor's own.
func Over(baseURL, model string) *Researcher {
	base := strings.TrimSuffix(cmp.Or(baseURL, "https://api.perplexity.ai"), "/")
	return &Researcher{perplexity{base, cmp.Or(model, "sonar"), newClient(), sleep}}
}

// Company researches every topic. A ToolError where none could be; an operator's fault, such as a wrong key, is no matter
// of the model's and is an error of the function.
func (r *Researcher) Company(ctx context.Context, input Input, _ *stepsmith.Call) (stepsmith.Answer, error) {
	key, err := stepsmith.Secret(ctx, "PPLX_API_KEY")
	if err != nil {
		return nil, err
	}
	topics := input.Topics
	if len(topics) == 0 {
		topics = Topics
	}
	found := make([]Finding, len(topics))
	failed := make([]error, len(topics))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for index, topic := range topics {
		group.Go(func() error {
			found[index], failed[index] = r.topic(ctx, key, input.Company, topic)
			return nil
		})
	}
	_ = group.Wait() // The goroutines give their errors by index.
	return report(input.Company, topics, found, failed)
}

func (r *Researcher) topic(ctx context.Context, key, company, topic string) (Finding, error) {
	text, sources, err := r.perplexity.ask(ctx, key, question(company, topic))
	return Finding{topic, text, sources}, err
}

func question(company, topic string) string {
	return fmt.Sprintf("Company: %s\nTopic: %s\n\nWhat is known about this topic of this company?", company, topic)
}

func report(company string, topics []string, found []Finding, failed []error) (stepsmith.Answer, error) {
	made := Report{Company: company, Findings: []Finding{}}
	for index, topic := range topics {
		var refused *operatorsFault
		switch {
		case failed[index] == nil:
			made.Findings = append(made.Findings, found[index])
		case errors.As(failed[index], &refused):
			return nil, refused
		default:
			made.Failed = append(made.Failed, Failure{topic, failed[index].Error()})
		}
	}
	if len(made.Findings) == 0 {
		return nil, stepsmith.ToolError("Nothing could be researched. " + made.Failed[0].Reason)
	}
	return stepsmith.JSON{Value: made}, nil
}
