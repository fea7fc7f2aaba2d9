package research

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	attempts         = 3
	mostAnswerBytes  = 4 << 20
	secondsPerAnswer = 60 * time.Second // A search and an answer take some ten seconds.
	instructions     = "Answer briefly and exactly from what you find on the web. Say so where you find nothing."
)

// Source is a page that an answer rests on.
type Source struct {
	Title string `json:"title,omitempty"`
	URL   string `json:"url"`
	Date  string `json:"date,omitempty"`
}

// operatorsFault is what only the operator can mend: a key, an account, a setting.
type operatorsFault struct{ problem string }

func (e *operatorsFault) Error() string { return e.problem }

// perplexity is the chat completions endpoint of https://docs.perplexity.ai/api-reference: POST /chat/completions with a
// bearer key; the answer has choices[0].message.content, search_results and (older) citations.
type perplexity struct {
	baseURL, model string
	http           *http.Client
	sleep          func(context.Context, time.Duration) bool // Whether the time passed before the context's end.
}

func newClient() *http.Client {
	refuse := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // The key goes nowhere else.
	return &http.Client{Timeout: secondsPerAnswer, CheckRedirect: refuse}
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type completion struct {
	Choices []struct{ Message message }
	Results []Source `json:"search_results"`
	URLs    []string `json:"citations"`
}

// ask gives the answer's text and sources. What may pass is tried again, as long as the context lasts.
func (p perplexity) ask(ctx context.Context, key, question string) (string, []Source, error) {
	var last error
	for attempt := range attempts {
		answer, wait, err := p.once(ctx, key, question)
		if err == nil || wait == never {
			return answer.text(), answer.sources(), err
		}
		last = err
		if attempt == attempts-1 || !p.sleep(ctx, max(wait, time.Second<<attempt)) {
			break
		}
	}
	return "", nil, last
}

const never time.Duration = -1

// once makes one request. With an error it says how long to wait before the next one, or never.
func (p perplexity) once(ctx context.Context, key, question string) (*completion, time.Duration, error) {
	body, err := json.Marshal(map[string]any{
		"model":    p.model,
		"messages": []message{{"system", instructions}, {"user", question}},
	})
	if err != nil {
		return nil, never, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.baseURL+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return nil, never, &operatorsFault{"PERPLEXITY_BASE_URL is no URL"}
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Content-Type", "application/json")
	response, err := p.http.Do(request)
	if err != nil {
		return nil, 0, errors.New("The research service did not answer in time. Try again later, or with fewer topics.")
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		wait, err := refusal(response)
		return nil, wait, err
	}
	return read(response.Body)
}

func read(body io.Reader) (*completion, time.Duration, error) {
	var answer completion
	if err := json.NewDecoder(io.LimitReader(body, mostAnswerBytes)).Decode(&answer); err != nil {
		return nil, 0, errors.New("The research service's answer broke off. Try again.")
	}
	if len(answer.Choices) == 0 || answer.Choices[0].Message.Content == "" {
		return nil, never, errors.New("The research service found nothing to say on this topic. Ask it differently.")
	}
	return &answer, 0, nil
}

// refusal sorts an HTTP status by who must act.
func refusal(response *http.Response) (time.Duration, error) {
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return never, &operatorsFault{"Perplexity refuses the key: the operator must check PPLX_API_KEY"}
	case status == http.StatusPaymentRequired:
		return never, &operatorsFault{"Perplexity has no credit left: the operator must check the account"}
	case status == http.StatusTooManyRequests:
		return retryAfter(response), errors.New("The research service's quota is used up for now. Try again in a minute, " +
			"with fewer topics.")
	case status >= 500:
		return retryAfter(response), fmt.Errorf("The research service is unavailable (HTTP %d). Try again later.", status)
	default:
		return never, fmt.Errorf("The research service refuses this topic (HTTP %d). Ask it differently.", status)
	}
}

func retryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// sleep says whether the time passed before the context's end; it does not begin what cannot.
func sleep(ctx context.Context, wait time.Duration) bool {
	if end, bounded := ctx.Deadline(); bounded && time.Until(end) <= wait {
		return false
	}
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *completion) text() string {
	if c == nil {
		return ""
	}
	return c.Choices[0].Message.Content
}

func (c *completion) sources() []Source {
	switch {
	case c == nil:
		return []Source{}
	case len(c.Results) > 0:
		return c.Results
	}
	sources := make([]Source, len(c.URLs))
	for index, url := range c.URLs {
		sources[index].URL = url
	}
	return sources
}
