// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

/** What a {@link Batch} asks a {@link Backend} to do with each of its keys. */
public enum Operation {
  /** Publish the object, in place of one that may be there. */
  STORE,
  /** Read the object. */
  LOAD,
  /** Find out whether the object is there, and its size. */
  LOOKUP,
  /** Remove the object. */
  DELETE
}
