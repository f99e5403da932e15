// The judge: cyclonus' own matcher says of each connection whether the policies of a set let it through. One set with
// its connections a line in, one answer a line out, as JSON.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	networking "k8s.io/api/networking/v1"
)

type question struct {
	Policies []*networking.NetworkPolicy `json:"policies"`
	Traffic  []*matcher.Traffic          `json:"traffic"`
}

type answer struct {
	Allowed []bool `json:"allowed,omitempty"`
	Error   string `json:"error,omitempty"`
}

// withTypes gives a policy the types that the API server gives it; cyclonus reads what comes from there.
// Source: k8s.io/kubernetes/pkg/apis/networking/v1/defaults.go, SetDefaults_NetworkPolicy.
func withTypes(policy *networking.NetworkPolicy) *networking.NetworkPolicy {
	if len(policy.Spec.PolicyTypes) == 0 {
		policy.Spec.PolicyTypes = []networking.PolicyType{networking.PolicyTypeIngress}
		if len(policy.Spec.Egress) > 0 {
			policy.Spec.PolicyTypes = append(policy.Spec.PolicyTypes, networking.PolicyTypeEgress)
		}
	}
	return policy
}

func answerTo(line []byte) (made answer) {
	defer func() {
		if problem := recover(); problem != nil {
			made = answer{Error: fmt.Sprint("panic: ", problem)}
		}
	}()
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	for _, each := range asked.Policies {
		withTypes(each)
	}
	policy := matcher.BuildNetworkPolicies(false, asked.Policies)
	for _, each := range asked.Traffic {
		made.Allowed = append(made.Allowed, policy.IsTrafficAllowed(each).IsAllowed())
	}
	return made
}

func main() {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<16), 1<<26)
	output := json.NewEncoder(os.Stdout)
	for input.Scan() {
		if err := output.Encode(answerTo(input.Bytes())); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
