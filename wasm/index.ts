// The export list is the ABI; nothing is defined here.
export { ABI_VERSION } from './abi';
export { alloc, reset, used } from './arena';
