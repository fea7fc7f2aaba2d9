package research

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	stepsmith "stepsmith/tools/kit"
)

// service answers as the documentation shows it (https://docs.perplexity.ai/api-reference).
const answer = `{"id": "1", "model": "sonar", "object": "chat.completion", "choices": [{"index": 0, "finish_reason": "stop",
 "message": {"role": "assistant", "content": "It makes anvils."}}], "citations": ["https://acme.example/"],
 "search_results": [{"title": "Acme", "url": "https://acme.example/", "date": "2026-01-31"}]}`

// serve gives a Researcher over a server; it waits for nothing, and remembers for how long it was told to.
func serve(t *testing.T, handler http.HandlerFunc) (*Researcher, *[]time.Duration) {
	t.Setenv("PPLX_API_KEY", "secret key")
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	researcher, waits := Over(server.URL+"/", ""), []time.Duration{}
	researcher.perplexity.sleep = func(_ context.Context, wait time.Duration) bool { waits = append(waits, wait); return true }
	return researcher, &waits
}

func research(t *testing.T, researcher *Researcher, topics ...string) (Report, error) {
	answer, err := researcher.Company(t.Context(), Input{"Acme", topics}, nil)
	if err != nil {
		return Report{}, err
	}
	return answer.(stepsmith.JSON).Value.(Report), nil
}

func refuse(status int, headers ...string) http.HandlerFunc {
	return func(response http.ResponseWriter, _ *http.Request) {
		for index := 0; index < len(headers); index += 2 {
			response.Header().Set(headers[index], headers[index+1])
		}
		response.WriteHeader(status)
	}
}

func TestEveryTopicIsAskedWithTheKey(t *testing.T) {
	var asked atomic.Int32
	researcher, _ := serve(t, func(response http.ResponseWriter, request *http.Request) {
		asked.Add(1)
		if request.URL.Path != "/chat/completions" || request.Header.Get("Authorization") != "Bearer secret key" {
			t.Errorf("%s, %v", request.URL, request.Header)
		}
		fmt.Fprint(response, answer)
	})
	report, err := research(t, researcher)
	if err != nil || len(report.Findings) != len(Topics) || int(asked.Load()) != len(Topics) {
		t.Fatal(report, err)
	}
	first := report.Findings[0]
	if first.Topic != Topics[0] || first.Text != "It makes anvils." || first.Sources[0].URL != "https://acme.example/" {
		t.Error(first)
	}
}

func TestWhatFailsIsListedBesideWhatWasFound(t *testing.T) {
	researcher, _ := serve(t, func(response http.ResponseWriter, request *http.Request) {
		var asked struct{ Messages []message }
		_ = json.NewDecoder(request.Body).Decode(&asked)
		if strings.Contains(asked.Messages[1].Content, "bad topic") {
			response.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprint(response, answer)
	})
	report, err := research(t, researcher, "good topic", "bad topic")
	if err != nil || len(report.Findings) != 1 || len(report.Failed) != 1 || report.Failed[0].Topic != "bad topic" {
		t.Error(report, err)
	}
}

func TestAnOverloadIsTriedAgainAsLateAsTheServiceAsks(t *testing.T) {
	var asked atomic.Int32
	researcher, waits := serve(t, func(response http.ResponseWriter, request *http.Request) {
		if asked.Add(1) < 3 {
			refuse(http.StatusTooManyRequests, "Retry-After", "7")(response, request)
			return
		}
		fmt.Fprint(response, answer)
	})
	report, err := research(t, researcher, "news")
	if err != nil || len(report.Findings) != 1 || len(*waits) != 2 || (*waits)[0] != 7*time.Second {
		t.Error(report, err, *waits)
	}
}

func TestAQuotaIsToldToTheModel(t *testing.T) {
	researcher, _ := serve(t, refuse(http.StatusTooManyRequests))
	_, err := research(t, researcher, "news")
	var told stepsmith.ToolError
	if !errors.As(err, &told) || !strings.Contains(err.Error(), "quota") {
		t.Error(err)
	}
}

func TestAWrongKeyIsTheOperatorsMatter(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden} {
		researcher, waits := serve(t, refuse(status))
		_, err := research(t, researcher, "news")
		var told stepsmith.ToolError
		if err == nil || errors.As(err, &told) || len(*waits) != 0 {
			t.Error(status, err, *waits)
		}
		if strings.Contains(err.Error(), "secret key") {
			t.Error("the key is told:", err)
		}
	}
}

func TestAMissingKeyIsSaid(t *testing.T) {
	researcher, _ := serve(t, refuse(http.StatusOK))
	t.Setenv("PPLX_API_KEY", "")
	if _, err := research(t, researcher, "news"); err == nil || !strings.Contains(err.Error(), "PPLX_API_KEY") {
		t.Error(err)
	}
}

func TestTheKeyFollowsNoRedirect(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("asked elsewhere") }))
	defer elsewhere.Close()
	researcher, _ := serve(t, refuse(http.StatusTemporaryRedirect, "Location", elsewhere.URL))
	if _, err := research(t, researcher, "news"); err == nil {
		t.Error("a redirect is no answer")
	}
}

func TestBrokenAndEmptyAnswersAreNoFindings(t *testing.T) {
	for _, body := range []string{"", "<html>", `{"choices": []}`, `{"choices": [{"message": {"content": ""}}]}`} {
		researcher, _ := serve(t, func(response http.ResponseWriter, _ *http.Request) { fmt.Fprint(response, body) })
		if _, err := research(t, researcher, "news"); err == nil {
			t.Errorf("%q was taken for an answer", body)
		}
	}
}

func TestOlderAnswersGiveTheirSourcesAsURLs(t *testing.T) {
	older := `{"choices": [{"message": {"content": "a"}}], "citations": ["https://acme.example/"]}`
	researcher, _ := serve(t, func(response http.ResponseWriter, _ *http.Request) { fmt.Fprint(response, older) })
	report, err := research(t, researcher, "news")
	if err != nil || report.Findings[0].Sources[0].URL != "https://acme.example/" {
		t.Error(report, err)
	}
}

func TestAtMostFourAreUnderWay(t *testing.T) {
	var now, most atomic.Int32
	researcher, _ := serve(t, func(response http.ResponseWriter, _ *http.Request) {
		if count := now.Add(1); count > most.Load() {
			most.Store(count)
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
		fmt.Fprint(response, answer)
	})
	if _, err := research(t, researcher, "a", "b", "c", "d", "e", "f", "g", "h"); err != nil || most.Load() > atOnce {
		t.Error(err, most.Load())
	}
}

func TestNothingIsWaitedForPastTheDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if began := time.Now(); sleep(ctx, time.Hour) || time.Since(began) > 30*time.Second {
		t.Error("it waits although the time would be over")
	}
}
