/** A real store with some of its methods replaced: what a test does in between. */
import type { Store } from '#src/store/store.js';

/** `store` with `methods` instead of its own. */
export function intercepted(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const own = (methods as Record<PropertyKey, unknown>)[name];
      if (own !== undefined) return own;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
