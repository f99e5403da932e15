package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	_ "unsafe" // for the names that are the package's own

	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	networkingv1informers "k8s.io/client-go/informers/networking/v1"
	networkingv1client "k8s.io/client-go/kubernetes/typed/networking/v1"
	networkingv1listers "k8s.io/client-go/listers/networking/v1"
	"k8s.io/client-go/tools/cache"
	core "k8s.io/kubernetes/pkg/apis/core"
	corev1 "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/registry/core/service/ipallocator"
	"k8s.io/kubernetes/pkg/registry/core/service/portallocator"
	"k8s.io/kubernetes/pkg/registry/core/service/storage"
	netutils "k8s.io/utils/net"
)

// creation asks for Services, one after another, of a cluster that has none but its own.
type creation struct {
	Services      []v1.Service `json:"services"`
	ServiceCIDRs  []string     `json:"serviceCIDRs"`
	NodePortRange string       `json:"nodePortRange"`
}

//go:linkname makeAlloc k8s.io/kubernetes/pkg/registry/core/service/storage.makeAlloc
func makeAlloc(core.IPFamily, map[core.IPFamily]ipallocator.Interface, portallocator.Interface) storage.Allocators

//go:linkname initIPFamilyFields k8s.io/kubernetes/pkg/registry/core/service/storage.(*Allocators).initIPFamilyFields
func initIPFamilyFields(*storage.Allocators, storage.After, storage.Before) error

//go:linkname allocateCreate k8s.io/kubernetes/pkg/registry/core/service/storage.(*Allocators).allocateCreate
func allocateCreate(*storage.Allocators, *core.Service, bool) (transaction, error)

type transaction interface {
	Commit()
	Revert()
}

// allocate says of each Service what the API server has against giving it its addresses and ports.
func allocate(asked json.RawMessage) ([][]fieldError, error) {
	var given creation
	if err := json.Unmarshal(asked, &given); err != nil {
		return nil, err
	}
	allocators, err := newAllocators(given.ServiceCIDRs, given.NodePortRange)
	if err != nil {
		return nil, err
	}
	found := [][]fieldError{}
	for i := range given.Services {
		internal, err := prepared(&given.Services[i])
		if err != nil {
			return nil, err
		}
		granted, err := allocateCreate(&allocators, internal, false)
		if err == nil {
			granted.Commit()
		}
		found = append(found, causes(err))
	}
	return found, nil
}

// prepared is a Service as the API server has it before it allocates anything.
func prepared(given *v1.Service) (*core.Service, error) {
	given.Namespace = "default"
	corev1.SetObjectDefaults_Service(given)
	// What pkg/registry/core/service/storage `normalizeClusterIPs` does.
	if given.Spec.ClusterIP != "" && len(given.Spec.ClusterIPs) == 0 {
		given.Spec.ClusterIPs = []string{given.Spec.ClusterIP}
	}
	internal := &core.Service{}
	return internal, corev1.Convert_v1_Service_To_core_Service(given, internal, nil)
}

// causes takes a refusal apart; what is no fault of a field comes with its message.
func causes(err error) []fieldError {
	found := []fieldError{}
	var status *apierrors.StatusError
	if err == nil {
		return found
	}
	if errors.As(err, &status) && status.ErrStatus.Reason == metav1.StatusReasonInvalid {
		for _, cause := range status.ErrStatus.Details.Causes {
			found = append(found, fieldError{Field: cause.Field, Type: string(cause.Type), Message: cause.Message})
		}
		return found
	}
	return append(found, fieldError{Type: "InternalError", Message: err.Error()})
}

func newAllocators(serviceCIDRs []string, nodePortRange string) (storage.Allocators, error) {
	ranges := map[core.IPFamily]ipallocator.Interface{}
	var primary core.IPFamily
	for _, text := range serviceCIDRs {
		_, cidr, err := netutils.ParseCIDRSloppy(text)
		if err != nil {
			return storage.Allocators{}, err
		}
		allocator, err := ipallocator.NewIPAllocator(cidr, &addressClient{taken: map[string]bool{}}, addressInformer{})
		if err != nil {
			return storage.Allocators{}, err
		}
		if primary == "" {
			primary = allocator.IPFamily()
			// The API server's own Service, default/kubernetes.
			own, err := netutils.GetIndexedIP(cidr, 1)
			if err != nil {
				return storage.Allocators{}, err
			}
			if err := allocator.Allocate(own); err != nil {
				return storage.Allocators{}, err
			}
		}
		ranges[allocator.IPFamily()] = allocator
	}
	ports, err := utilnet.ParsePortRange(nodePortRange)
	if err != nil {
		return storage.Allocators{}, err
	}
	nodePorts, err := portallocator.NewInMemory(*ports)
	if err != nil {
		return storage.Allocators{}, fmt.Errorf("nodePorts: %w", err)
	}
	return makeAlloc(primary, ranges, nodePorts), nil
}

// addressClient holds IPAddress objects, of which there can be one of a name.
type addressClient struct {
	networkingv1client.NetworkingV1Interface
	networkingv1client.IPAddressInterface
	taken map[string]bool
}

func (c *addressClient) IPAddresses() networkingv1client.IPAddressInterface { return c }

func (c *addressClient) Create(_ context.Context, address *networkingv1.IPAddress, _ metav1.CreateOptions) (*networkingv1.IPAddress, error) {
	if c.taken[address.Name] {
		return nil, apierrors.NewAlreadyExists(networkingv1.Resource("ipaddresses"), address.Name)
	}
	c.taken[address.Name] = true
	return address, nil
}

func (c *addressClient) Delete(_ context.Context, name string, _ metav1.DeleteOptions) error {
	delete(c.taken, name)
	return nil
}

// addressInformer has seen everything, which is nothing: who asks it only counts.
type addressInformer struct{ cache.SharedIndexInformer }

var _ networkingv1informers.IPAddressInformer = addressInformer{}

func (i addressInformer) Informer() cache.SharedIndexInformer { return i }

func (i addressInformer) HasSynced() bool { return true }

func (i addressInformer) Lister() networkingv1listers.IPAddressLister {
	return networkingv1listers.NewIPAddressLister(cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{}))
}
